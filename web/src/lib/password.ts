/** The least length that the server takes; it checks again and says more. */
export const PASSWORD_MIN = 10;
