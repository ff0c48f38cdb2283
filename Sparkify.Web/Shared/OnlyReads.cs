namespace Sparkify.Web.Shared;

/// <summary>Marks an address that is posted to and changes nothing, such as that of queries: it ends with what let its caller in.</summary>
internal sealed class OnlyReads;
