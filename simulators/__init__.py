"""Stand-ins for outside services, on loopback over real HTTP. They import nothing of ours."""
