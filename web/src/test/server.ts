import { setupServer } from 'msw/node';

/** Answers of the server in tests; each test adds its own with `server.use`. */
export const server = setupServer();
