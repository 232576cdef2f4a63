//! The versions that the local control plane is made of. A test holds them against `go/go.mod`.

/// The Kubernetes release, as in `go.mod`; clients refuse a server that cannot tell its version.
pub(super) const KUBERNETES: &str = "v1.36.3";

/// The oldest Go that compiles it, as in `go.mod`.
pub(super) const GO: (u32, u32) = (1, 26);
