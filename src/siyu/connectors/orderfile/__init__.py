"""Order files (CSV, also gzipped): what a shop exports, read as history with nothing guessed."""
