import type { Integration } from '../../api/types.ts';

type Kind = Integration['kind'];

export const KINDS: Record<Kind, { label: string; text: string }> = {
  alertmanager: {
    label: 'Prometheus Alertmanager',
    text: 'Its webhook, version 4. Resolved alerts close by themselves.',
  },
  generic: { label: 'Any JSON', text: 'A webhook of anything, read by a mapping of yours.' },
  opsgenie: {
    label: 'Opsgenie clients',
    text: 'For senders that speak the alert API of Opsgenie: only the address and the key change.',
  },
};

/** A mapping to begin with: one alert per payload, closed by a payload that says so. */
export const FIRST_MAPPING = {
  action: "payload.status == 'resolved' ? 'close' : 'raise'",
  alias: '{{ payload.id }}',
  message: '{{ payload.title }}',
  description: '{{ payload.text }}',
  priority: '{{ payload.severity }}',
  priorities: { critical: 'P1', warning: 'P3', info: 'P5' },
};

export interface Snippet {
  title: string;
  text: string;
}

/** What to paste where, with the address of this server. */
export function snippets(kind: Kind, url: string, key: string): Snippet[] {
  if (kind === 'alertmanager') {
    return [
      {
        title: 'alertmanager.yml',
        text: `receivers:
  - name: bridgewatch
    webhook_configs:
      - url: ${url}
        send_resolved: true
        http_config:
          authorization:
            credentials: ${key}
route:
  receiver: bridgewatch`,
      },
      {
        title: 'Try it with curl',
        text: `curl -X POST ${url} \\
  -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
  -d '{"version":"4","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"Test","severity":"warning"},"annotations":{"summary":"A test"},"startsAt":"2026-01-01T00:00:00Z","fingerprint":"test"}]}'`,
      },
    ];
  }
  if (kind === 'opsgenie') {
    const host = url.replace(/\/v2\/alerts$/, '');
    return [
      {
        title: 'alertmanager.yml',
        text: `receivers:
  - name: bridgewatch
    opsgenie_configs:
      - api_url: ${host}/
        api_key: ${key}`,
      },
      {
        title: 'Python, opsgenie-sdk',
        text: `import opsgenie_sdk

configuration = opsgenie_sdk.Configuration()
configuration.host = "${host}"
configuration.api_key["Authorization"] = "${key}"
alerts = opsgenie_sdk.AlertApi(opsgenie_sdk.ApiClient(configuration))
alerts.create_alert(opsgenie_sdk.CreateAlertPayload(message="A test"))`,
      },
      {
        title: 'curl',
        text: `curl -X POST ${url} \\
  -H 'Authorization: GenieKey ${key}' -H 'Content-Type: application/json' \\
  -d '{"message":"A test","alias":"test","priority":"P3"}'`,
      },
    ];
  }
  return [
    {
      title: 'curl',
      text: `curl -X POST ${url} \\
  -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
  -d '{"id":"disk-1","title":"Disk almost full on db1","text":"92 %","severity":"warning","status":"firing"}'`,
    },
  ];
}

/** What stands in a snippet for a key that only its owner still has. */
export const KEY_PLACEHOLDER = 'YOUR-KEY';
