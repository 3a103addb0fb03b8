"""What tests of programs and of backends need."""
