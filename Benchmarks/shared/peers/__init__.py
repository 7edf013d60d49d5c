"""What users would pick instead, each in its best form."""
