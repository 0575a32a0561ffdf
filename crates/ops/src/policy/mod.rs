//! Escalation policies: who is told, in which order, after how long.
