//! Every kind of mistake langop can find in a description: the one list of their stable names.
//! Scripts match on these names; a name is never given to another mistake.

/// Declares the codes: variant, name, meaning.
macro_rules! codes {
    ($($variant:ident $name:literal $meaning:literal)+) => {
        /// What is wrong, as a stable name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $meaning] $variant,)+
        }

        impl Code {
            /// All codes, in the order of this page.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)+];

            /// The name: kebab case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)+ }
            }

            /// What the code stands for, in one sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $meaning,)+ }
            }
        }
    };
}

codes! {
    // Reading.
    Unreadable "unreadable" "a file or directory that cannot be read"
    NotText "not-text" "a file that is not UTF-8"
    UnknownFormat "unknown-format" "a file that is neither TOML nor YAML by its name"
    ReadTwice "read-twice" "a file that is named twice"
    UnreadFile "unread-file" "a description beside the one that is read"
    Syntax "syntax" "text that is not TOML or not YAML"
    DuplicateKey "duplicate-key" "a key that is there twice in one table"
    TooBig "too-big" "a file, or the tree it unfolds to, beyond what a description can be"
    TooDeep "too-deep" "values nested deeper than any description"
    Unrepresentable "unrepresentable" "a value that JSON, and so the API server, cannot hold"
    Unformattable "unformattable" "a file whose form would say something else, or that the formatter does not read"
    NothingDescribed "nothing-described" "no cluster, no member and no manifest in all files"

    // Environments.
    UnknownEnvironment "unknown-environment" "an environment that is not described"
    WhichEnvironment "which-environment" "a description of environments alone, and none is asked for"

    // Variables.
    BadSubstitution "bad-substitution" "`${…}` that is not a reference to a variable"
    UnknownVariable "unknown-variable" "a variable that is not declared"
    MissingVariable "missing-variable" "a variable with no default and no value"
    WrongVariable "wrong-variable" "a value that is not of the variable's type"
    UnusedVariable "unused-variable" "a variable that nothing refers to"

    // Shape.
    UnknownKey "unknown-key" "a key that the table does not have"
    MissingKey "missing-key" "a key that must be there"
    WrongType "wrong-type" "a value of another type"
    UnknownValue "unknown-value" "a value outside the list of allowed ones"
    OutOfRange "out-of-range" "a number or length outside its bounds"
    Malformed "malformed" "text that does not have the form it must have"

    // Names and references.
    MissingStackName "missing-stack-name" "a stack without a name"
    BadName "bad-name" "a name that Kubernetes would refuse"
    ReservedName "reserved-name" "a name that belongs to Kubernetes or to langop"
    DuplicateName "duplicate-name" "two things of one kind and name"
    NameClash "name-clash" "two things whose Kubernetes objects would share a name"
    MissingCluster "missing-cluster" "a member of no cluster, where it could be of several"
    UnknownCluster "unknown-cluster" "a cluster that is not described"
    UnknownModel "unknown-model" "a model that its cluster does not have"
    UnknownTool "unknown-tool" "a tool that its cluster does not have"
    UnknownAgent "unknown-agent" "an agent that its cluster does not have"
    UnknownPersona "unknown-persona" "a persona that its cluster does not have"
    UnknownSecret "unknown-secret" "a secret that is not described, though a similar one is"
    MissingSecretKey "missing-secret-key" "a key that a described secret does not have"
    UnknownSecretKey "unknown-secret-key" "a key of a secret of credentials that means nothing"

    // Values.
    BadQuantity "bad-quantity" "text that is not a Kubernetes quantity"
    BadDuration "bad-duration" "text that is not a duration"
    BadCidr "bad-cidr" "text that is not an IPv4 or IPv6 network"
    BadDomain "bad-domain" "text that is not a DNS name"
    BadUrl "bad-url" "text that is not an http or https URL"
    BadSchedule "bad-schedule" "text that is not a cron schedule"
    BadTimezone "bad-timezone" "a name that is no time zone"
    BadWindow "bad-window" "a budget of more days than are kept"
    BudgetWithoutKeys "budget-without-keys" "a budget of an agent at a gateway that asks nobody for a key"
    BudgetWithoutStore "budget-without-store" "a budget at a gateway that has no store to count in"
    UnknownPrice "unknown-price" "a budget over a model whose price nobody knows"
    BadImage "bad-image" "text that is not an image reference"
    BadAddress "bad-address" "text that is the address of no thing and no object"
    BadFieldPath "bad-field-path" "text that is not the path of a field"
    BadPath "bad-path" "a path that leaves its directory or is empty"

    // Clusters.
    IngressWithoutDomain "ingress-without-domain" "an exposed gateway or port without a domain"
    TlsWithoutSecret "tls-without-secret" "TLS from a Secret that is not named"
    RefusedImage "refused-image" "an image of a release that is known to be malicious"
    OldImage "old-image" "an image of a release with known holes"
    RollingTag "rolling-tag" "an image whose content changes under its name"
    UnknownRelease "unknown-release" "an image of a release that nobody here knows"
    ConfigOverride "config-override" "gateway configuration that undoes what the description promises"
    UnsaidContents "unsaid-contents" "a product that gets prompts and answers, and nobody says that it may"
    RefusedField "refused-field" "a field that no call of an agent may have"
    OpenGateway "open-gateway" "an exposed gateway that pods of every namespace may call"
    OpenMetrics "open-metrics" "metrics of a gateway that others than those who watch it may read"
    UnknownGroup "unknown-group" "a group that no agent of the cluster is in"
    EmptyRule "empty-rule" "a network rule that selects nothing"
    UnresolvableName "unresolvable-name" "a pattern of names where names are resolved to addresses"
    PeerForm "peer-form" "a network peer that has no form, or several"

    TwoTeams "two-teams" "an agent of two teams"
    EmptyTeam "empty-team" "a team that nobody is in"
    TeamWithoutKeys "team-without-keys" "a team at a gateway that asks nobody for a key"
    ModelOutsideTeam "model-outside-team" "a model of an agent that its team may not call"
    ForeignRegion "foreign-region" "a model in a region where a policy has no calls answered"
    UnknownRegion "unknown-region" "a model in a region that nobody knows, under a policy"
    KeySetSource "key-set-source" "tokens with no place of the keys that sign them, or two"

    // Deployments.
    ReservedLabel "reserved-label" "a label or annotation that langop sets itself"
    BadLabel "bad-label" "a label that Kubernetes would refuse"
    BadAutoscaling "bad-autoscaling" "bounds of autoscaling that contradict each other"
    ForbiddenKey "forbidden-key" "a key that has no meaning here"

    // Models.
    ProviderChoice "provider-choice" "not exactly one of `provider` and `litellmProvider`"
    ProviderNeeds "provider-needs" "a key that the provider needs"
    UnknownProvider "unknown-provider" "a provider that the gateway's `LiteLLM` does not have"
    EndpointPath "endpoint-path" "an endpoint with a path that `LiteLLM` would append once more"
    MixedLimits "mixed-limits" "limits or weights on some deployments of a model and not on all"
    DeprecatedProvider "deprecated-provider" "a provider that goes by another name now"
    UnservableName "unservable-name" "a name of a model that no caller could use"
    PrefixedName "prefixed-name" "a model name that begins with its provider, where names do not"
    MissingProviderKey "missing-provider-key" "a model of a provider that answers nobody without a key, and no key"
    UntriedFallback "untried-fallback" "a fallback to a model that the agent may not call"
    PartialWildcard "partial-wildcard" "a model name that is a pattern"
    BadParam "bad-param" "a parameter that `LiteLLM` cannot have"
    CredentialInParams "credential-in-params" "a credential written into the description"
    UnusedAllowance "unused-allowance" "an allowed plain value where there is no credential"
    AliasTaken "alias-taken" "an alias that names something already"
    NameLeadsElsewhere "name-leads-elsewhere" "a model whose own name, by which agents call it, leads to another"
    UnknownFallback "unknown-fallback" "a fallback to a name that the gateway does not serve"

    // Agents, tools, secrets.
    ModelChoice "model-choice" "`model` that does not fit the model it goes with"
    TaskRule "task-rule" "keys that a service and a task do not share"
    DuplicatePort "duplicate-port" "a port name or number that is there twice"
    OpenAgent "open-agent" "an exposed agent that pods of every namespace may connect to"
    SharedWorkspace "shared-workspace" "several pods with a workspace that one node mounts"
    ToolForm "tool-form" "a tool that has no form, or several"
    HeaderValue "header-value" "a header with no value, or two"
    NoModel "no-model" "an agent that can call no model"
    SecretSource "secret-source" "a secret key with no source, or several"

    // What is said of things beside describing them.
    MoveConflict "move-conflict" "moves that contradict each other, or what is described"
    MoveToNothing "move-to-nothing" "a move to what is not described"
    ForgetDescribed "forget-described" "something that is to be forgotten and is described"
    AdoptNothing "adopt-nothing" "an adoption of what is not described"

    // Manifests.
    NotAManifest "not-a-manifest" "a document that is not a Kubernetes object"
    UnsupportedKind "unsupported-kind" "a kind or version of `langop.io` that langop does not have"
    GeneratedName "generated-name" "a name that only the API server would know"
    BadBase64 "bad-base64" "secret data that is not base64"
    DefaultNamespace "default-namespace" "objects that name no namespace, and the one they go to"
    ServerField "server-field" "fields that a server alone writes, in a document"
    NeedlessNamespace "needless-namespace" "a namespace of what is in none"
}

impl Code {
    /// Whether the mistake is in a reference to a variable: then there is no value that could be right
    /// or wrong.
    #[must_use]
    pub fn is_substitution(self) -> bool {
        matches!(self, Self::BadSubstitution | Self::UnknownVariable | Self::MissingVariable | Self::WrongVariable)
    }

    /// Whether the mistake is that something is not there: after a file that could not be read it
    /// may be a mistake no more.
    #[must_use]
    pub fn is_absence(self) -> bool {
        matches!(
            self,
            Self::NothingDescribed
                | Self::UnknownVariable
                | Self::MissingVariable
                | Self::UnusedVariable
                | Self::MissingKey
                | Self::MissingStackName
                | Self::MissingCluster
                | Self::UnknownCluster
                | Self::UnknownModel
                | Self::UnknownTool
                | Self::UnknownAgent
                | Self::UnknownPersona
                | Self::UnknownSecret
                | Self::MissingSecretKey
                | Self::IngressWithoutDomain
                | Self::TlsWithoutSecret
                | Self::ProviderChoice
                | Self::ProviderNeeds
                | Self::UnknownFallback
                | Self::ModelChoice
                | Self::TaskRule
                | Self::ToolForm
                | Self::HeaderValue
                | Self::NoModel
                | Self::SecretSource
                | Self::MoveToNothing
                | Self::AdoptNothing
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Code;

    #[test]
    fn names_are_unique_and_kebab_case() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(names.iter().all(|name| name.chars().all(legal)));
    }
}
