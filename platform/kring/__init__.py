"""The wiring of Kring: settings, addresses, the queue. Nobody imports it except its cellar, kring.lib."""
