"""What happens to whole sandboxes and whole databases: proof, backup, restore."""
