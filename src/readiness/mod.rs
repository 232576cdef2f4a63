//! `readiness`
