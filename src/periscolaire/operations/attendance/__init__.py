"""What happened: the door, absences and proofs, closures and suspensions, anomalies and appeals."""
