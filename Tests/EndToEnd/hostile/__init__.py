"""Models made to do harm, by kind; each must be refused."""
