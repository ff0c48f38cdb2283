FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY . .
RUN dotnet publish Sparkify.Web/Sparkify.Web.csproj -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# The embedded database, for who gives none: the server programs only, no second server that starts by itself. curl asks for health.
RUN mkdir -p /etc/postgresql-common \
    && echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf \
    && apt-get update \
    && apt-get install -y --no-install-recommends curl postgresql \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 sparkify \
    && install -d -o sparkify -g sparkify /var/lib/sparkify
COPY --from=build /app /app
USER sparkify
ENV Sparkify__DataDirectory=/var/lib/sparkify \
    URLS=http://*:5080
EXPOSE 5080
VOLUME /var/lib/sparkify
# A first start makes its database and may generate sample data.
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s CMD ["curl", "-fsS", "-o", "/dev/null", "http://localhost:5080/readyz"]
ENTRYPOINT ["dotnet", "/app/Sparkify.Web.dll"]
