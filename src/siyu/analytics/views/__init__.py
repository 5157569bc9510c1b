"""What can be asked: explain.py one customer · find.py who is it · cascade figures."""
