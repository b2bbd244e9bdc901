"""What the system costs a month: estimated from templates and parameters, beside the guide's system and the bill."""
