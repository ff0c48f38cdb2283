FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY . .
RUN dotnet publish Sparkify.Web/Sparkify.Web.csproj -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# The embedded database: the server programs only, no second server that starts by itself.
RUN mkdir -p /etc/postgresql-common \
    && echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf \
    && apt-get update \
    && apt-get install -y --no-install-recommends postgresql \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home sparkify \
    && install -d -o sparkify -g sparkify /var/lib/sparkify
COPY --from=build /app /app
USER sparkify
ENV Sparkify__DataDirectory=/var/lib/sparkify
VOLUME /var/lib/sparkify
ENTRYPOINT ["dotnet", "/app/Sparkify.Web.dll"]
