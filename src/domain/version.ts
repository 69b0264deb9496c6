/** The version of the program, which is that of the contract it serves. */
export const version = "0.1.0"
