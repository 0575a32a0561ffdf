"""The Python opsgenie-sdk against a Bridgewatch server: create, read, list, change, acknowledge, note, close.

Usage: opsgenie_client.py BASE_URL KEY USER. USER is somebody's mail address there. Ends with an error when an answer is
not what the SDK's users rely on.
"""

import datetime
import sys

import opsgenie_sdk as og

base, key, user = sys.argv[1:4]
configuration = og.Configuration()
configuration.host = base
configuration.api_key["Authorization"] = key
configuration.api_key_prefix["Authorization"] = "GenieKey"
alerts = og.AlertApi(og.ApiClient(configuration=configuration))


def done(response):
    """Follows a request to its end, as the SDK's own retrieve helpers do."""
    assert response.request_id, response
    status = alerts.get_request_status(request_id=response.request_id)
    assert status.request_id, status
    return status.data


made = done(
    alerts.create_alert(
        create_alert_payload=og.CreateAlertPayload(
            message="Disk is full",
            alias="disk-db1",
            description="97 % of /var",
            tags=["disk", "db"],
            details={"host": "db1"},
            entity="db1",
            source="python",
            priority="P2",
        )
    )
)
assert made.is_success and made.alias == "disk-db1" and made.alert_id, made

alert = alerts.get_alert(identifier="disk-db1", identifier_type="alias").data
assert (alert.message, alert.priority, alert.status, alert.count) == ("Disk is full", "P2", "open", 1), alert
assert sorted(alert.tags) == ["db", "disk"] and alert.details == {"host": "db1"}, alert
assert alert.tiny_id and alert.id == made.alert_id, alert
assert alerts.get_alert(identifier=alert.id, identifier_type="id").data.alias == "disk-db1"
assert alerts.get_alert(identifier=alert.tiny_id, identifier_type="tiny").data.id == alert.id

done(alerts.create_alert(create_alert_payload=og.CreateAlertPayload(message="Disk is full", alias="disk-db1")))
assert alerts.get_alert(identifier="disk-db1", identifier_type="alias").data.count == 2

found = alerts.list_alerts(query="status: open AND tag: disk", limit=10, sort="createdAt", order="desc").data
assert [one.id for one in found] == [alert.id], found
assert alerts.list_alerts(query="status: closed").data == []

noted = alerts.add_note(
    identifier=alert.id, identifier_type="id", add_note_to_alert_payload=og.AddNoteToAlertPayload(note="looking")
)
assert done(noted).is_success
notes = alerts.list_notes(identifier=alert.id, identifier_type="id").data
assert [one.note for one in notes] == ["looking"], notes

tags = og.AddTagsToAlertPayload(tags=["paged"])
assert done(alerts.add_tags(identifier=alert.id, add_tags_to_alert_payload=tags)).is_success
assert done(alerts.remove_tags(identifier=alert.id, tags=["db"])).is_success
details = og.AddDetailsToAlertPayload(details={"disk": "sda"})
assert done(alerts.add_details(identifier=alert.id, add_details_to_alert_payload=details)).is_success
assert done(alerts.remove_details(identifier=alert.id, keys=["host"])).is_success
priority = og.UpdateAlertPriorityPayload(priority="P1")
assert done(alerts.update_alert_priority(identifier=alert.id, update_alert_priority_payload=priority)).is_success
message = og.UpdateAlertMessagePayload(message="Disk is nearly full")
assert done(alerts.update_alert_message(identifier=alert.id, update_alert_message_payload=message)).is_success
text = og.UpdateAlertDescriptionPayload(description="99 % of /var")
assert done(alerts.update_alert_description(identifier=alert.id, update_alert_description_payload=text)).is_success
owner = og.AssignAlertPayload(owner=og.UserRecipient(username=user))
assert done(alerts.assign_alert(identifier=alert.id, assign_alert_payload=owner)).is_success
changed = alerts.get_alert(identifier=alert.id).data
assert sorted(changed.tags) == ["disk", "paged"] and changed.details == {"disk": "sda"}, changed
assert (changed.priority, changed.message, changed.owner) == ("P1", "Disk is nearly full", user), changed
assert changed.description == "99 % of /var", changed
assert alerts.count_alerts(query="priority: P1 AND owner: " + user).data.count == 1

until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
snooze = og.SnoozeAlertPayload(end_time=until)
assert done(alerts.snooze_alert(identifier=alert.id, snooze_alert_payload=snooze)).is_success
snoozed = alerts.get_alert(identifier=alert.id).data
assert snoozed.snoozed is True and abs(snoozed.snoozed_until - until) < datetime.timedelta(seconds=1), snoozed

assert done(
    alerts.acknowledge_alert(
        identifier="disk-db1",
        identifier_type="alias",
        acknowledge_alert_payload=og.AcknowledgeAlertPayload(note="mine", source="python"),
    )
).is_success
assert alerts.get_alert(identifier=alert.id).data.acknowledged is True
assert done(alerts.un_acknowledge_alert(identifier=alert.id)).is_success
assert alerts.get_alert(identifier=alert.id).data.acknowledged is False
logs = [entry.log for entry in alerts.list_logs(identifier=alert.id).data]
assert any("acknowledged" in log for log in logs), logs

assert done(
    alerts.close_alert(
        identifier="disk-db1", identifier_type="alias", close_alert_payload=og.CloseAlertPayload(note="freed")
    )
).is_success
assert alerts.get_alert(identifier=alert.id).data.status == "closed"

# An unknown alias is accepted, and only the request's status tells.
lost = done(alerts.close_alert(identifier="nobody", identifier_type="alias"))
assert lost.is_success is False and "not exist" in lost.status, lost

try:
    alerts.get_alert(identifier="nobody", identifier_type="alias")
except og.exceptions.ApiException as error:
    assert error.status == 404, error
else:
    raise AssertionError("an unknown alert must be 404")

configuration.api_key["Authorization"] = "00000000-0000-0000-0000-000000000000"
try:
    alerts.list_alerts()
except og.exceptions.AuthenticationException as error:
    assert error.status == 401, error
else:
    raise AssertionError("a wrong key must be refused")
print("ok")
