FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet restore src/Inventory.Slices --locked-mode
# The code that Wolverine and Marten need is generated here and compiled in, so that the service starts quickly and
# without a compiler. It is never committed, so it cannot be stale.
RUN ASPNETCORE_ENVIRONMENT=Development dotnet run --project src/Inventory.Slices --configuration Release --no-restore --no-launch-profile -- codegen write \
 && dotnet publish src/Inventory.Slices --configuration Release --no-restore --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
# An account without privileges that the base image brings.
USER $APP_UID
EXPOSE 8080
ENTRYPOINT ["dotnet", "Inventory.Slices.dll"]
