"""earshot: there is audio somewhere on the web; here is one trustworthy row per recording."""
