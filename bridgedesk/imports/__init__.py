"""Tables of sellers whose platform has no interface: orders, goods, stock, parcels and buyers from files, and back into files."""
