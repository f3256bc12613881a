using Microsoft.Playwright;

namespace Inventory.BrowserTests.Hosting;

/// <summary>A test with visitors; no test may leave an error in a browser's console.</summary>
[Collection(nameof(Shop))]
public abstract class BrowserTest(Shop shop) : IAsyncLifetime
{
    protected Shop Shop { get; } = shop;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Shop.CloseAsync();
        GC.SuppressFinalize(this);
    }

    protected static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}

/// <summary>All tests share one shop of each kind, and go one after the other.</summary>
[CollectionDefinition(nameof(Shop))]
public sealed class ShopTests : ICollectionFixture<Shop>, ICollectionFixture<GuardedShop>;
