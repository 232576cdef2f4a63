//! Address blocks and host names against the ends of a connection. Blocks are for what is outside of the
//! cluster (Kubernetes, *Network Policies*, `ipBlock`): pods have no address here, and on Cilium no block
//! means one.

use ipnet::IpNet;

use super::end::End;

/// Whether a block has all addresses of the end. A host may have any IPv4 address.
pub(super) fn has(cidr: &str, end: &End) -> bool {
    let Ok(block) = cidr.parse::<IpNet>() else { return false };
    match end {
        End::Addresses(net) => block.contains(net),
        End::Host(_) => matches!(block, IpNet::V4(_)) && block.prefix_len() == 0,
        End::Pod(_) => false,
    }
}

/// Whether the end is everywhere but in these blocks.
pub(super) fn is_beyond(except: &[&str], end: &End) -> bool {
    match end {
        End::Addresses(net) => {
            let blocks = except.iter().filter_map(|cidr| cidr.parse::<IpNet>().ok());
            !blocks.into_iter().any(|block| block.contains(net) || net.contains(&block))
        }
        End::Host(_) => true,
        End::Pod(_) => false,
    }
}

/// Whether a name, which may begin with `*.` for one label, means the host.
pub(super) fn is_named(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(domain) => host.split_once('.').is_some_and(|(first, rest)| !first.is_empty() && rest == domain),
        None => name == host,
    }
}
