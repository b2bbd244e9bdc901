"""The templates deployed for real, on the emulated AWS."""
