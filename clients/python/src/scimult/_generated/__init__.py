"""What scripts/generate_python_stubs.sh makes of Protos/. Not for editing."""
