"""What an integer operator computes. Every other implementation and every runtime is compared with this."""
