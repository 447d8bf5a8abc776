"""Who may see and change which rows. Decided here and nowhere else."""
