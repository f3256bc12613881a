using System.Text;
using Inventory.Conflicts;
using Inventory.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Inventory.Tests.Stock;

/// <summary>A service for which functions of its database's public schema stand before PostgreSQL's own.</summary>
public sealed class ServiceWithOtherFunctions(DatabaseServer server) : Service(server)
{
    protected override string Way(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = "public,pg_catalog" }.ConnectionString;
}

public sealed class LostLockScenarios(ServiceWithOtherFunctions service) : IClassFixture<ServiceWithOtherFunctions>
{
    [Fact]
    public async Task Imports_whose_lock_could_not_be_given_back_are_answered_and_leave_room_for_others()
    {
        await using (var lose = service.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "create function public.pg_advisory_unlock(bigint) returns boolean language plpgsql as $$ begin raise exception 'lost' using errcode = '57P01'; end $$"))
        {
            await lose.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var room = service.Host.Services.GetRequiredService<Admission>().LimitOf(Work.Import);
        for (var n = 0; n <= room; n++)
        {
            var file = Encoding.UTF8.GetBytes($"sku,name,quantity\nLOST-{n},Widget,5\n");
            var answer = await service.SendAsync("POST", "/imports", file, "text/csv");
            var again = await service.SendAsync("POST", "/imports", file, "text/csv");

            Assert.Equal((200, "done"), (answer.Status, answer["state"]!.GetValue<string>()));
            Assert.Equal((200, answer.Text), (again.Status, again.Text));
        }
    }
}
