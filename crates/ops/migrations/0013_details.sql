-- The details of an alert stand in its row; nobody looked for them here by anything else than the alert.
DROP TABLE alert_details;
