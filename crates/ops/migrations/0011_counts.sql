-- Open alerts are counted by service wherever a service is shown.
CREATE INDEX alerts_open_by_service ON alerts (service_id) WHERE status = 'open';
