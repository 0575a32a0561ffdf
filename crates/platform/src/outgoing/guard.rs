//! The address guard of outgoing connections.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::SendError;

/// Networks that an administrator allowed although they are private.
#[derive(Clone, Debug, Default)]
pub struct AddressGuard {
    allowed: Vec<(IpAddr, u8)>,
}

/// A setting that is no network.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no network; write an address with a prefix length, such as 10.1.0.0/16 or 127.0.0.1/32")]
pub struct BadNetwork(pub String);

impl AddressGuard {
    /// Allows these networks, each as `address/prefix`, beside all public addresses.
    ///
    /// # Errors
    /// Names the first entry that cannot be read.
    pub fn allowing(networks: &[String]) -> Result<Self, BadNetwork> {
        let parse = |text: &String| {
            let (address, prefix) = text.split_once('/')?;
            let address: IpAddr = address.parse().ok()?;
            let prefix: u8 = prefix.parse().ok()?;
            (prefix <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, prefix))
        };
        let allowed = networks
            .iter()
            .map(|text| parse(text).ok_or_else(|| BadNetwork(text.clone())))
            .collect::<Result<_, _>>()?;
        Ok(Self { allowed })
    }

    /// Allows every address: for servers that the administrator named in the settings.
    pub fn open() -> Self {
        let all = [(IpAddr::from([0, 0, 0, 0]), 0), (IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0)];
        Self { allowed: all.into() }
    }

    /// Looks the host up and gives the addresses that may be connected to.
    ///
    /// # Errors
    /// When there is none: a permanent failure when the guard refused, a temporary one when the name is unknown.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, SendError> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port))
            .await
            .map_err(|error| SendError::temporary(format!("cannot look up {host}: {error}")))?
            .collect();
        let allowed: Vec<SocketAddr> = found.iter().copied().filter(|address| self.allows(address.ip())).collect();
        if allowed.is_empty() {
            return Err(SendError::permanent(format!(
                "{host} is a private or local address; an administrator can allow its network with the setting `outgoing.allow`"
            )));
        }
        Ok(allowed)
    }

    /// Whether this address may be connected to.
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = canonical(address);
        !is_internal(address)
            || self.allowed.iter().any(|(network, prefix)| within(address, canonical(*network), *prefix))
    }
}

/// An IPv4 address written as IPv6 is judged as IPv4.
fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

fn is_internal(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || v4.is_documentation()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0)
                || (a == 198 && (18..20).contains(&b))
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || embeds_ipv4(v6)
        }
    }
}

/// 6to4, Teredo and NAT64 addresses reach an IPv4 address that was not looked at: refused.
fn embeds_ipv4(v6: Ipv6Addr) -> bool {
    let [first, second, ..] = v6.segments();
    first == 0x2002 || (first == 0x2001 && second == 0) || (first == 0x64 && second == 0xff9b) || v6.to_ipv4().is_some()
}

fn within(address: IpAddr, network: IpAddr, prefix: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => {
            let shift = 32 - u32::from(prefix);
            (u64::from(a.to_bits()) >> shift) == (u64::from(n.to_bits()) >> shift)
        }
        (IpAddr::V6(a), IpAddr::V6(n)) => {
            let shift = 128 - u32::from(prefix);
            a.to_bits().checked_shr(shift).unwrap_or(0) == n.to_bits().checked_shr(shift).unwrap_or(0)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_addresses_need_permission() {
        let closed = AddressGuard::default();
        for address in [
            "127.0.0.1",
            "10.0.0.1",
            "192.168.1.1",
            "172.16.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ] {
            assert!(!closed.allows(address.parse().unwrap()), "{address}");
        }
        for address in ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"] {
            assert!(closed.allows(address.parse().unwrap()), "{address}");
        }
        let open = AddressGuard::allowing(&["127.0.0.0/8".to_owned()]).unwrap();
        assert!(open.allows("127.0.0.1".parse().unwrap()));
        assert!(open.allows("::ffff:127.0.0.1".parse().unwrap()));
        assert!(!open.allows("10.0.0.1".parse().unwrap()));
        assert!(AddressGuard::allowing(&["10.0.0.0".to_owned()]).is_err());
    }
}
