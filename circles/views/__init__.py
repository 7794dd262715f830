"""Pages of the guide, of an application, of the desk and of a circle: door, form, one act."""
