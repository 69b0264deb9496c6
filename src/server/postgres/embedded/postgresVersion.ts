/** The major version of PostgreSQL inside this PGlite: the directories of other ones cannot be opened. */
export const postgresVersion = "18"
