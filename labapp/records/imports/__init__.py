"""Import of tables: read a file, map its columns, check every row, write it, and take it back (product.md M15)."""
