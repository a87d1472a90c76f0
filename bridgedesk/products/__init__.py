"""What is sold: products and their articles, listings on platforms, stock, restock."""
