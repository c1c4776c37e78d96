"""What is killed and comes back: each test a script that anyone can run, all of them slow."""
