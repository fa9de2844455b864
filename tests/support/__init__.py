"""What the tests stand on: manifests, histories, damage, other readers; nothing here is a test."""
