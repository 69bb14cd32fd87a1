"""From answers to item parameters: estimation, standard errors, fit, and what a person should look at."""
