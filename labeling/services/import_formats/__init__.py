"""What imports read: folders, archives, tables and the files of other tools. Hostile input is met here."""
