//! The published holes of the proxy, and the releases that close them. A table: knows nothing of images.

use super::Release;
use super::uses::Uses;

/// The day on which the advisories were last read.
pub(super) const READ: &str = "2026-10-06";

/// One advisory about the proxy.
pub(super) struct Advisory {
    /// Its CVE, or where there is none its number at GitHub.
    pub id: &'static str,
    /// What the hole gives away, to follow "lets".
    pub lets: &'static str,
    /// Whether a description uses what the hole is in.
    used: fn(&Uses) -> bool,
    /// The first release of each line that has the fix, ascending. Lines above the last have it from their start.
    fixed: &'static [Release],
}

const fn release(line: u32, patch: u32) -> Release {
    Release::new(1, line, patch)
}

/// The worst first. Sources: the advisories of BerriAI/litellm at GitHub (GHSA-7hp6-4w63-5g45, GHSA-3cv6-jpf6-8222,
/// GHSA-4xpc-pv4p-pm3w, GHSA-7488-6r32-c95q, GHSA-g5ff-637f-6q2m, GHSA-hhww-mrg2-969h and the CVEs), of the Host header also
/// docs.litellm.ai/blog/host-header-auth-bypass. A line that an advisory does not name counts as open, and so does what is
/// older than the hole, since none of them says where it began. Not here, for nobody says where they are fixed:
/// CVE-2026-12772, -12795 and -12796 (reported of 1.94 to 1.97, BerriAI/litellm#35541), and aliases of teams that pass the
/// lists of keys (#40957), of which langop makes none.
pub(super) const ADVISORIES: [Advisory; 14] = [
    Advisory {
        id: "CVE-2026-114612",
        lets: "any user become administrator and reach the host",
        used: always,
        fixed: &[release(100, 4), release(101, 3), release(102, 2), release(103, 1)],
    },
    Advisory {
        id: "CVE-2026-84377",
        lets: "any caller send the keys of providers to a host of its choice",
        used: always,
        fixed: &[release(88, 6), release(94, 3), release(95, 1), release(96, 2)],
    },
    Advisory {
        id: "CVE-2026-49468",
        lets: "anyone pass its authentication with a Host header",
        used: always,
        fixed: &[release(84, 0)],
    },
    Advisory {
        id: "CVE-2026-59822",
        lets: "anyone pass the authentication of its MCP servers, and is in use by attackers",
        used: |uses| uses.mcp,
        fixed: &[release(84, 0)],
    },
    Advisory {
        id: "CVE-2026-42208",
        lets: "anyone read and change its database, and is in use by attackers",
        used: |uses| uses.database,
        fixed: &[release(83, 7)],
    },
    Advisory {
        id: "CVE-2026-42271",
        lets: "any caller run commands in its pod, and is in use by attackers",
        used: always,
        fixed: &[release(83, 7)],
    },
    Advisory { id: "CVE-2026-42203", lets: "anyone run commands in its pod", used: always, fixed: &[release(83, 7)] },
    Advisory {
        id: "GHSA-g5ff-637f-6q2m",
        lets: "a viewer read its files and its master key",
        used: |uses| uses.database || uses.jwt,
        fixed: &[release(95, 0)],
    },
    Advisory {
        id: "CVE-2026-35030",
        lets: "anyone be taken for another whose token begins alike",
        used: |uses| uses.jwt,
        fixed: &[release(83, 0)],
    },
    Advisory { id: "CVE-2026-35029", lets: "users change its configuration", used: always, fixed: &[release(83, 0)] },
    Advisory {
        id: "CVE-2026-47101",
        lets: "users reach routes of others' keys",
        used: |uses| uses.database,
        fixed: &[release(83, 14)],
    },
    Advisory {
        id: "CVE-2026-47102",
        lets: "users change their own role",
        used: |uses| uses.database,
        fixed: &[release(83, 10)],
    },
    Advisory {
        id: "CVE-2026-40217",
        lets: "code of guardrails leave its sandbox",
        used: |uses| uses.guardrails,
        fixed: &[release(83, 10)],
    },
    Advisory {
        id: "GHSA-hhww-mrg2-969h",
        lets: "pages run scripts of others",
        used: |uses| uses.database,
        fixed: &[release(85, 0)],
    },
];

impl Advisory {
    /// Whether a release has the hole.
    pub(super) fn concerns(&self, release: Release) -> bool {
        let of_its_line = self.fixed.iter().find(|fixed| fixed.line() == release.line());
        of_its_line.or(self.fixed.last()).is_some_and(|fixed| release < *fixed)
    }

    /// The release that closes it without leaving the line; nothing when the line has none.
    fn fixed_in(&self, line: (u32, u32)) -> Option<Release> {
        self.fixed.iter().find(|fixed| fixed.line() == line).copied()
    }
}

/// The holes of a release in what is used, the worst first.
pub(super) fn of(release: Release, uses: &Uses) -> Vec<&'static Advisory> {
    ADVISORIES.iter().filter(|advisory| advisory.concerns(release) && (advisory.used)(uses)).collect()
}

/// What needs no more than a gateway with agents, each of whom is a user of it.
fn always(_: &Uses) -> bool {
    true
}

/// The first release at or after this one that has none of these holes: of its own line if there is one.
pub(super) fn closed_by(holes: &[&Advisory], release: Release) -> Option<Release> {
    let within: Option<Vec<_>> = holes.iter().map(|hole| hole.fixed_in(release.line())).collect();
    let within = within.and_then(|fixes| fixes.into_iter().max());
    within.or_else(|| holes.iter().filter_map(|hole| hole.fixed.last().copied()).max())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a gateway that uses everything.
    fn of(release: Release) -> Vec<&'static Advisory> {
        super::of(release, &Uses { database: true, mcp: true, guardrails: true, jwt: true, ..Uses::default() })
    }

    fn ids(release: Release) -> Vec<&'static str> {
        of(release).iter().map(|advisory| advisory.id).collect()
    }

    #[test]
    fn each_line_has_its_own_fixed_patch() {
        assert_eq!(ids(release(100, 3)), ["CVE-2026-114612"]);
        for fixed in [release(100, 4), release(101, 3), release(102, 2), release(103, 1), release(104, 0)] {
            assert_eq!(ids(fixed), [""; 0], "{fixed}");
        }
        assert_eq!(ids(release(103, 0)), ["CVE-2026-114612"]);
        assert!(ids(release(94, 2)).contains(&"CVE-2026-84377") && !ids(release(94, 3)).contains(&"CVE-2026-84377"));
    }

    #[test]
    fn a_line_that_no_advisory_names_is_open_until_the_last_fix() {
        assert!(ids(release(97, 9)).contains(&"CVE-2026-114612"));
        assert!(ids(release(90, 99)).contains(&"CVE-2026-84377"));
        assert!(!ids(release(97, 0)).contains(&"CVE-2026-84377"));
    }

    #[test]
    fn a_hole_in_what_is_not_used_is_none() {
        let ids = |uses| super::of(release(83, 12), &uses).iter().map(|hole| hole.id).collect::<Vec<_>>();
        let bare = ["CVE-2026-114612", "CVE-2026-84377", "CVE-2026-49468"];
        assert_eq!(ids(Uses::default()), bare);
        assert!(ids(Uses { mcp: true, ..Uses::default() }).contains(&"CVE-2026-59822"));
        assert!(ids(Uses { database: true, ..Uses::default() }).contains(&"CVE-2026-47101"));
    }

    #[test]
    fn the_way_out_stays_in_the_line_where_it_can() {
        let out = |from| closed_by(&of(from), from);
        assert_eq!(out(release(101, 0)), Some(release(101, 3)));
        assert_eq!(out(release(94, 0)), Some(release(103, 1)), "the line has no fix for one of them");
        assert_eq!(out(release(83, 2)), Some(release(103, 1)));
    }

    #[test]
    fn a_way_out_has_no_holes_and_fixes_ascend() {
        for advisory in &ADVISORIES {
            assert!(advisory.fixed.is_sorted() && !advisory.fixed.is_empty(), "{}", advisory.id);
            for fixed in advisory.fixed {
                let holes = of(*fixed);
                let out = closed_by(&holes, *fixed).unwrap_or(*fixed);
                assert!(of(out).is_empty(), "{fixed} to {out}");
            }
        }
    }
}
