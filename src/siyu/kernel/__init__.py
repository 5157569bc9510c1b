"""Pure words that every room shares: ids, time, money, errors, named SQL, the clock's shape."""
