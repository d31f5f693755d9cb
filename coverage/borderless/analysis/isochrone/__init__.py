"""Areas of driving time: streets cut where the time is up, and the land that goes with them."""
