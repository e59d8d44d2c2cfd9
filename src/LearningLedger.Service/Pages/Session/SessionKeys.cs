using System.Xml.Linq;
using LearningLedger.Tables;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace LearningLedger.Service.Pages.Session;

/// <summary>The keys that protect cookies and forms, in files only their owner may read. Nodes that share a data directory share sessions.</summary>
/// <param name="folder">Where they lie.</param>
public sealed class SessionKeys(string folder) : IXmlRepository
{
    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements() =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.xml").Order(StringComparer.Ordinal).Select(file => XElement.Load(file))] : [];

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName) =>
        SecretFile.Write(Path.Combine(folder, Guid.NewGuid().ToString("D") + ".xml"), element.ToString(SaveOptions.DisableFormatting));
}
