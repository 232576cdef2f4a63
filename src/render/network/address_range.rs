//! Ranges of addresses that rules leave out or open as a whole.

/// Addresses that are on no internet: private networks, those of carriers, of links and of the host.
pub const PRIVATE: [&str; 6] =
    ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];
/// The same of IPv6.
pub const PRIVATE_6: [&str; 2] = ["fc00::/7", "fe80::/10"];
/// Addresses of a link, where clouds serve the credentials of a node.
pub const LINK: [&str; 1] = ["169.254.0.0/16"];
/// The same of IPv6.
pub const LINK_6: [&str; 1] = ["fe80::/10"];
/// Metadata services: of the large clouds, of EKS pod identities, of GKE workload identities.
pub const METADATA: [(&str, i32); 3] =
    [("169.254.169.254/32", 80), ("169.254.170.23/32", 80), ("169.254.169.252/32", 988)];
