"""Types of AWS's SDK that are proven to shape no path: each was looked at, and any other type may take requests.

None has an address in a VPC that leads to a backend, starts a machine or a task, or calls a function for a caller
outside. What a policy of such a resource opens is reported by itself. Not among them are, for example, Glue's
development endpoints, which have public addresses, what runs automations (Config's remediations, response plans,
experiments), what provisions others (Service Catalog), and webhooks of builds.
"""

from collections.abc import Mapping
from typing import Final

_KINDS: Final[Mapping[str, str]] = {
    "accessanalyzer": "Analyzer ArchiveRule",
    "account": "AlternativeContact PrimaryContact Region",
    "acm": "Certificate CertificateValidation",
    "acmpca": "Certificate CertificateAuthority CertificateAuthorityCertificate Permission Policy",
    "appautoscaling": "Policy ScheduledAction Target",
    "applicationinsights": "Application",
    "appsync": "ApiCache ApiKey DomainName DomainNameApiAssociation Function Resolver Type",
    "athena": "CapacityReservation DataCatalog Database NamedQuery PreparedStatement Workgroup",
    "backup": """
        Framework GlobalSettings LogicallyAirGappedVault Plan RegionSettings ReportPlan RestoreTestingPlan Selection
        Vault VaultLockConfiguration VaultNotifications VaultPolicy
    """,
    "bcmdata": "Export",
    "billing": "View",
    "budgets": "Budget BudgetAction",
    "cfg": """
        AggregateAuthorization ConfigurationAggregator DeliveryChannel OrganizationCustomPolicyRule
        OrganizationCustomRule OrganizationManagedRule Recorder RecorderStatus RetentionConfiguration Rule
    """,
    "chatbot": "SlackChannelConfiguration TeamsChannelConfiguration",
    "cloudfront": """
        CachePolicy FieldLevelEncryptionConfig FieldLevelEncryptionProfile Function KeyGroup KeyValueStore
        MonitoringSubscription OriginAccessControl OriginAccessIdentity OriginRequestPolicy PublicKey
        RealtimeLogConfig ResponseHeadersPolicy
    """,
    "cloudtrail": "EventDataStore OrganizationDelegatedAdminAccount Trail",
    "cloudwatch": """
        AlarmMuteRule CompositeAlarm ContributorInsightRule ContributorManagedInsightRule Dashboard
        EventApiDestination EventArchive EventBus EventBusPolicy EventConnection EventEndpoint EventPermission
        EventRule InternetMonitor LogAccountPolicy LogAnomalyDetector LogDataProtectionPolicy LogDelivery
        LogDeliveryDestination LogDeliveryDestinationPolicy LogDeliverySource LogDestination LogDestinationPolicy
        LogGroup LogIndexPolicy LogMetricFilter LogResourcePolicy LogS3TableIntegrationSource LogStorageTierPolicy
        LogStream LogSubscriptionFilter LogTransformer MetricAlarm MetricStream OtelEnrichment QueryDefinition
        ResourceMetricsConfiguration
    """,
    "codeartifact": "Domain DomainPermissions Repository RepositoryPermissionsPolicy",
    "codebuild": "Project ReportGroup ResourcePolicy SourceCredential",
    "codecommit": "ApprovalRuleTemplate ApprovalRuleTemplateAssociation Repository Trigger",
    "codedeploy": "Application DeploymentConfig DeploymentGroup",
    "codepipeline": "CustomActionType Pipeline",
    "cognito": """
        IdentityPoolProviderPrincipalTag IdentityProvider LogDeliveryConfiguration ManagedLoginBranding
        ManagedUserPoolClient ResourceServer RiskConfiguration User UserGroup UserInGroup UserPoolClient
        UserPoolDomain UserPoolUICustomization
    """,
    "computeoptimizer": "EnrollmentStatus RecommendationPreferences",
    "costexplorer": "AnomalyMonitor AnomalySubscription CostAllocationTag CostCategory",
    "cur": "ReportDefinition",
    "detective": "Graph InvitationAccepter Member OrganizationAdminAccount OrganizationConfiguration",
    "devopsguru": "EventSourcesConfig NotificationChannel ResourceCollection ServiceIntegration",
    "dynamodb": """
        ContributorInsights GlobalSecondaryIndex GlobalTable KinesisStreamingDestination ResourcePolicy Table
        TableExport TableItem TableReplica Tag
    """,
    "ebs": """
        DefaultKmsKey EncryptionByDefault FastSnapshotRestore Snapshot SnapshotBlockPublicAccess SnapshotCopy
        SnapshotImport Volume VolumeCopy
    """,
    "elasticbeanstalk": "Application ApplicationVersion",
    "ecr": """
        AccountSetting LifecyclePolicy PullThroughCacheRule PullTimeUpdateExclusion RegistryPolicy
        RegistryScanningConfiguration ReplicationConfiguration Repository RepositoryCreationTemplate
        RepositoryPolicy
    """,
    "ecrpublic": "Repository RepositoryPolicy",
    "fis": "SafetyLeverState TargetAccountConfiguration",
    "glue": """
        Catalog CatalogDatabase CatalogTable CatalogTableOptimizer Classifier Connection Crawler
        DataCatalogEncryptionSettings DataQualityRuleset Job MLTransform Partition PartitionIndex Registry
        ResourcePolicy Schema SecurityConfiguration Trigger UserDefinedFunction Workflow
    """,
    "guardduty": """
        Detector DetectorFeature Filter IPSet InviteAccepter MalwareProtectionPlan Member MemberDetectorFeature
        OrganizationAdminAccount OrganizationConfiguration OrganizationConfigurationFeature PublishingDestination
        ThreatIntelSet
    """,
    "iam": """
        AccessKey AccountAlias AccountPasswordPolicy Group GroupMembership GroupPoliciesExclusive GroupPolicy
        GroupPolicyAttachment GroupPolicyAttachmentsExclusive OpenIdConnectProvider OrganizationsFeatures
        OutboundWebIdentityFederation RolePoliciesExclusive RolePolicyAttachmentsExclusive SamlProvider
        SecurityTokenServicePreferences ServerCertificate ServiceLinkedRole ServiceSpecificCredential
        SigningCertificate SshKey User UserGroupMembership UserLoginProfile UserPoliciesExclusive UserPolicy
        UserPolicyAttachment UserPolicyAttachmentsExclusive VirtualMfaDevice
    """,
    "identitystore": "Group GroupMembership User",
    "imagebuilder": """
        Component ContainerRecipe DistributionConfiguration Image ImagePipeline ImageRecipe
        InfrastructureConfiguration LifecyclePolicy Workflow
    """,
    "inspector": "AssessmentTarget AssessmentTemplate ResourceGroup",
    "inspector2": "DelegatedAdminAccount Enabler Filter MemberAssociation OrganizationConfiguration",
    "kinesis": """
        AccountSettings AnalyticsApplication FirehoseDeliveryStream ResourcePolicy Stream StreamConsumer
    """,
    "kms": """
        Alias Ciphertext CustomKeyStore ExternalKey Grant Key KeyPolicy ReplicaExternalKey ReplicaKey
    """,
    "lakeformation": """
        DataCellsFilter DataLakeSettings IdentityCenterConfiguration LfTag LfTagExpression OptIn Permissions
        Resource ResourceLfTag ResourceLfTags
    """,
    "licensemanager": "Association LicenseConfiguration LicenseGrant LicenseGrantAccepter",
    "macie2": """
        Account ClassificationExportConfiguration ClassificationJob InvitationAccepter Member
        OrganizationAdminAccount OrganizationConfiguration
    """,
    "notifications": """
        ChannelAssociation ContactsEmailContact EventRule ManagedNotificationAccountContactAssociation
        ManagedNotificationAdditionalChannelAssociation NotificationConfiguration NotificationHub
        OrganizationalUnitAssociation OrganizationsAccess
    """,
    "oam": "Link Sink SinkPolicy",
    "organizations": """
        Account AwsServiceAccess DelegatedAdministrator Organization OrganizationalUnit Policy PolicyAttachment
        ResourcePolicy Tag
    """,
    "ram": """
        Permission PrincipalAssociation ResourceAssociation ResourceShare ResourceShareAccepter
        ResourceShareAssociationsExclusive SharingWithOrganization
    """,
    "rbin": "Rule",
    "resourceexplorer": "Index View",
    "resourcegroups": "Group Resource",
    "route53": """
        CidrCollection CidrLocation DelegationSet HealthCheck HostedZoneDnsSec KeySigningKey ProfilesAssociation
        ProfilesProfile ProfilesResourceAssociation QueryLog RecordsExclusive ResolverConfig ResolverDnsSecConfig
        ResolverEndpoint ResolverFirewallConfig ResolverFirewallDomainList ResolverFirewallRule
        ResolverFirewallRuleGroup ResolverFirewallRuleGroupAssociation ResolverQueryLogConfig
        ResolverQueryLogConfigAssociation ResolverRule ResolverRuleAssociation TrafficPolicy TrafficPolicyInstance
        VpcAssociationAuthorization Zone ZoneAssociation
    """,
    "s3": """
        AccessPoint AccountPublicAccessBlock AnalyticsConfiguration Bucket BucketAbac BucketAccelerateConfiguration
        BucketAcl BucketCorsConfiguration BucketIntelligentTieringConfiguration BucketLifecycleConfiguration
        BucketLogging BucketMetadataConfiguration BucketMetric BucketNotification BucketObject
        BucketObjectLockConfiguration BucketObjectv2 BucketOwnershipControls BucketPolicy BucketPublicAccessBlock
        BucketReplicationConfig BucketRequestPaymentConfiguration BucketServerSideEncryptionConfiguration
        BucketVersioning BucketWebsiteConfiguration DirectoryBucket FilesAccessPoint FilesFileSystem
        FilesFileSystemPolicy FilesSynchronizationConfiguration Inventory ObjectCopy VectorsIndex
        VectorsVectorBucket VectorsVectorBucketPolicy
    """,
    "s3control": """
        AccessGrant AccessGrantsInstance AccessGrantsInstanceResourcePolicy AccessGrantsLocation AccessPointPolicy
        Bucket BucketLifecycleConfiguration BucketPolicy DirectoryBucketAccessPointScope MultiRegionAccessPoint
        MultiRegionAccessPointPolicy MultiRegionAccessPointRoutes ObjectLambdaAccessPoint
        ObjectLambdaAccessPointPolicy StorageLensConfiguration
    """,
    "savingsplans": "SavingsPlan",
    "scheduler": "ScheduleGroup",
    "schemas": "Discoverer Registry RegistryPolicy Schema",
    "secretsmanager": "Secret SecretPolicy SecretRotation SecretVersion Tag",
    "securityhub": """
        Account AccountV2 ActionTarget AggregatorV2 AutomationRule AutomationRuleV2 ConfigurationPolicy
        ConfigurationPolicyAssociation ConnectorV2 FeatureV2 FindingAggregator Insight InviteAccepter Member
        OrganizationAdminAccount OrganizationConfiguration ProductSubscription StandardsControl
        StandardsControlAssociation StandardsSubscription
    """,
    "servicecatalog": """
        AppregistryApplication AppregistryAttributeGroup AppregistryAttributeGroupAssociation
        BudgetResourceAssociation Constraint OrganizationsAccess Portfolio PortfolioShare
        PrincipalPortfolioAssociation Product ProductPortfolioAssociation ProvisioningArtifact TagOption
        TagOptionResourceAssociation
    """,
    "servicediscovery": "HttpNamespace PrivateDnsNamespace PublicDnsNamespace",
    "servicequotas": "AutoManagement ServiceQuota Template TemplateAssociation",
    "ses": """
        ActiveReceiptRuleSet ConfigurationSet DomainDkim DomainIdentity DomainIdentityVerification EmailIdentity
        EventDestination IdentityNotificationTopic IdentityPolicy MailFrom ReceiptFilter ReceiptRuleSet Template
    """,
    "sesv2": """
        AccountSuppressionAttributes AccountVdmAttributes ConfigurationSet ConfigurationSetEventDestination
        ContactList DedicatedIpAssignment DedicatedIpPool EmailIdentity EmailIdentityFeedbackAttributes
        EmailIdentityMailFromAttributes EmailIdentityPolicy MultiRegionEndpoint Tenant TenantResourceAssociation
    """,
    "sfn": "Activity Alias",
    "shield": """
        ApplicationLayerAutomaticResponse DrtAccessLogBucketAssociation DrtAccessRoleArnAssociation
        ProactiveEngagement Protection ProtectionGroup ProtectionHealthCheckAssociation Subscription
    """,
    "signer": "SigningJob SigningProfile SigningProfilePermission",
    "sns": "DataProtectionPolicy PlatformApplication SmsPreferences Topic TopicPolicy",
    "sqs": "Queue QueuePolicy RedriveAllowPolicy RedrivePolicy",
    "ssm": """
        Activation Association ContactsRotation DefaultPatchBaseline Document MaintenanceWindow
        MaintenanceWindowTarget MaintenanceWindowTask Parameter PatchBaseline PatchGroup ResourceDataSync
        ServiceSetting
    """,
    "ssmcontacts": "Contact ContactChannel Plan",
    "ssmincidents": "ReplicationSet",
    "ssoadmin": """
        AccountAssignment Application ApplicationAccessScope ApplicationAssignment
        ApplicationAssignmentConfiguration CustomerManagedPolicyAttachment CustomerManagedPolicyAttachmentsExclusive
        InstanceAccessControlAttributes ManagedPolicyAttachment ManagedPolicyAttachmentsExclusive PermissionSet
        PermissionSetInlinePolicy PermissionsBoundaryAttachment Region TrustedTokenIssuer
    """,
    "synthetics": "Canary Group GroupAssociation",
    "wafv2": "ApiKey IpSet RegexPatternSet RuleGroup WebAclLoggingConfiguration",
    "xray": "EncryptionConfig Group IndexingRule ResourcePolicy SamplingRule TraceSegmentDestination",
}

NO_TRAFFIC_TYPES: Final = frozenset(
    f"aws:{service}/{kind[0].lower()}{kind[1:]}:{kind}" for service, kinds in _KINDS.items() for kind in kinds.split()
)
