"""A process at work is killed (kill -9) at any moment: nothing acknowledged is lost, nothing half-done is seen."""
