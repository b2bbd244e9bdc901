"""What Sparta does. Each service is given what it works with; ``sparta.wiring`` gives it."""
