"""What somebody should know: one table, the bell, read state. Reminders, escalations and hints use it."""
