"""From bytes to problems: the rules, and the safe fixes."""
