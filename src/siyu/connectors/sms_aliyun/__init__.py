"""Aliyun SMS: approved templates out, delivery reports and replies back."""
