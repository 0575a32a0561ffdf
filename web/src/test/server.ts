import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';

/** Answers the requests of each test; `server.use` adds them. What the shell itself asks for is answered already. */
export const server = setupServer(
  http.get('*/api/v1/on-call/me', () => HttpResponse.json({ items: [], next: [] })),
  http.get('*/api/v1/alerts/count', () => HttpResponse.json({ count: 0 })),
  http.get('*/api/v1/tickets/count', () => HttpResponse.json({ count: 0, capped: false })),
  http.get('*/api/v1/me/notifications', () => HttpResponse.json({ items: [], unread: 0 })),
  http.get('*/api/v1/setup/checklist', () =>
    HttpResponse.json({ done: 8, total: 8, dismissed: false, demo: false, steps: [] }),
  ),
  http.get('*/api/v1/system/status', () =>
    HttpResponse.json({
      version: '0.1.0',
      base_url: 'http://localhost',
      mail_configured: true,
      mail_held: false,
      on_call_alarms: [],
    }),
  ),
);
